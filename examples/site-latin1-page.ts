/** A page in ISO-8859-1 whose server does not say so: only the `meta` in its head does. */
export const latin1Page = (): Buffer => Buffer.from(page, 'latin1')

const page = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN">
<html lang="fr"><head>
<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">
<title>Le registre immuable : ce que la comptabilit\u00e9 savait d\u00e9j\u00e0</title>
<meta name="author" content="H\u00e9l\u00e8ne Lef\u00e8vre"></head>
<body bgcolor="#ffffff"><table width="100%"><tr><td><a href="/">Journal du Registre</a></td><td><a href="/archives">Archives</a></td></tr></table>
<div class="article">
<h1>Le registre immuable : ce que la comptabilit\u00e9 savait d\u00e9j\u00e0</h1>
<p>Bien avant les bases de donn\u00e9es, les marchands v\u00e9nitiens tenaient des registres o\u00f9 rien ne s'effa\u00e7ait. Une erreur n'y
\u00e9tait jamais gratt\u00e9e : on passait une \u00e9criture contraire, dat\u00e9e, sign\u00e9e, et l'on gardait la premi\u00e8re. La v\u00e9rit\u00e9 d'un compte
n'\u00e9tait pas le solde inscrit au bas de la page, mais la suite des \u00e9critures qui y menait.</p>
<p>Les syst\u00e8mes fond\u00e9s sur les \u00e9v\u00e9nements retrouvent cette discipline. L'\u00e9tat courant n'est qu'une cons\u00e9quence, que l'on peut
recalculer \u00e0 tout moment. Le journal, lui, ne se corrige pas : il se compl\u00e8te. Cette r\u00e8gle a un co\u00fbt, car un journal qui
grandit demande des instantan\u00e9s, des index et une politique de conservation ; mais elle donne en \u00e9change une r\u00e9ponse \u00e0 la
question que pose tout contr\u00f4leur : \u00ab comment le savez-vous ? \u00bb</p>
<p>Il reste une diff\u00e9rence de taille. Le marchand \u00e9crivait seul dans son registre ; nos services \u00e9crivent \u00e0 plusieurs, en m\u00eame
temps. L'ordre des \u00e9critures n'est plus donn\u00e9 par la main qui tient la plume : il faut le d\u00e9cider, et refuser celui qui
arrive avec une version p\u00e9rim\u00e9e. C'est l\u00e0 tout le r\u00f4le de la concurrence optimiste.</p>
</div><hr><small>\u00a9 Journal du Registre \u2014 tous droits r\u00e9serv\u00e9s</small></body></html>`.replace(
  '\u2014',
  '-',
)
